import { useNavigate } from "@tanstack/react-router";
import { Card } from "../app/parts/Card.tsx";
import { Hits } from "../app/parts/Hits.tsx";
import { SearchForm } from "../app/parts/SearchForm.tsx";

/** Finds an order, a reading, a participant, a transaction or an interval; what was asked stays in the address. */
export function LookUp({ q }: { q: string }) {
  const navigate = useNavigate();
  const search = (text: string) => {
    const asked = text.trim();
    void navigate({ to: "/audit", search: asked === "" ? {} : { q: asked }, resetScroll: false });
    return text;
  };
  return (
    <Card title="Look something up">
      <search>
        <SearchForm
          className="lookup"
          label="A hash, an address, an account’s name or number, area/interval, or area/interval/member for a reading"
          button="Look up"
          initial={q}
          onSearch={search}
        />
      </search>
      {q === "" ? (
        <p className="quiet small">
          Each leads from its signature to its payment, with the transactions on the way.
        </p>
      ) : (
        <Hits
          q={q}
          nothing={`Nothing here is called “${q}”. Hashes begin with 0x; an interval is written area/interval.`}
        />
      )}
    </Card>
  );
}
