import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { whenTold } from "../../app/api/answer.ts";
import { useMarketClock } from "../../app/api/marketClock.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { capitalised } from "../../app/format/sentences.ts";
import { type Hit, Hits } from "../../app/parts/Hits.tsx";
import { SearchForm } from "../../app/parts/SearchForm.tsx";
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
      {asked === "" ? null : (
        <Hits
          q={asked}
          nothing={`Nothing here is called “${asked}”, and it is no time that this page can read.`}
          linkOf={memberLink}
        />
      )}
    </search>
  );
}

/** Goes to the time that a text means, if it means one. */
function useGoTo(account: string | null): (text: string) => boolean {
  const navigate = useNavigate();
  const { timeZone } = useFormats();
  const clock = useMarketClock();
  return (text) => {
    const when = whenTold(clock, ({ now }) => readWhen(text, { now, timeZone }), null);
    if (when === null) return false;
    if (account === null) void navigate({ to: "/members", search: { month: when.date.slice(0, 7) } });
    else void navigate({ to: "/members/$account", params: { account }, search: searchOf(when) });
    return true;
  };
}

function searchOf({ date, at, span }: When): Record<string, string> {
  return { span, at: date, ...(at === null ? {} : { time: String(at) }) };
}

/** A participant leads to the operator's page of the member. */
function memberLink({ kind, id, title }: Hit) {
  if (kind !== "participant") return null;
  return (
    <Link to="/members/$account" params={{ account: id }}>
      {capitalised(title)}
    </Link>
  );
}
