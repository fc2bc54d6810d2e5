import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { z } from "zod";
import type { lookupWire } from "#platform/api/wireAudit.ts";
import { useMarketClock } from "../../app/api/marketClock.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { capitalised } from "../../app/format/sentences.ts";
import { usePageDomains } from "../../app/pageDomains.tsx";
import { FoundLink, foundKindOf } from "../../app/parts/FoundLink.tsx";
import { SearchForm } from "../../app/parts/SearchForm.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { readWhen, type When } from "./readWhen.ts";

/**
 * Finds a member by part of a name, a number or a hash as it is shown; on a member's page it also goes to a date or an
 * interval in words: "16 May 2025 21:00".
 */
export function FindBox({ account }: { account: string | null }) {
  const [asked, setAsked] = useState("");
  const goTo = useGoTo(account);
  const search = (text: string) => {
    const isTime = goTo(text);
    setAsked(isTime ? "" : text.trim());
    return isTime ? "" : text;
  };
  const isOfMember = account !== null;
  return (
    <search className="find-box">
      <SearchForm
        className="find-form"
        label={
          isOfMember
            ? "Go to a time (16 May 2025 21:00, yesterday 9pm), or find another member"
            : "Find a member by part of the name, number or hash, or go to a month (May 2025)"
        }
        button={isOfMember ? "Go" : "Find"}
        onSearch={search}
      />
      {asked === "" ? null : <Found q={asked} />}
    </search>
  );
}

/** Goes to the time that a text means, if it means one. */
function useGoTo(account: string | null): (text: string) => boolean {
  const navigate = useNavigate();
  const { timeZone } = useFormats();
  const { data: clock } = useMarketClock();
  return (text) => {
    const when = clock ? readWhen(text, { now: clock.now, timeZone }) : null;
    if (when === null) return false;
    if (account === null) void navigate({ to: "/members", search: { month: when.date.slice(0, 7) } });
    else void navigate({ to: "/members/$account", params: { account }, search: searchOf(when) });
    return true;
  };
}

function searchOf({ date, at, span }: When): Record<string, string> {
  return { span, at: date, ...(at === null ? {} : { time: String(at) }) };
}

function Found({ q }: { q: string }) {
  const query = useGet<z.infer<typeof lookupWire>>(`/v1/lookup?q=${encodeURIComponent(q)}`);
  const { domains } = usePageDomains();
  return (
    <Loaded query={query} what="what was found">
      {({ hits }) =>
        hits.length === 0 ? (
          <Empty>Nothing here is called “{q}”, and it is no time that this page can read.</Empty>
        ) : (
          <ul className="hits" aria-label={`Found for ${q}`}>
            {hits.map(({ kind, id, title }) => (
              <li key={`${kind} ${id}`} className="row">
                <span className="quiet small">{foundKindOf(domains, kind)?.name ?? kind}</span>
                {kind === "participant" ? (
                  <Link to="/members/$account" params={{ account: id }}>
                    {capitalised(title)}
                  </Link>
                ) : (
                  <FoundLink kind={kind} id={id}>
                    {capitalised(title)}
                  </FoundLink>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
