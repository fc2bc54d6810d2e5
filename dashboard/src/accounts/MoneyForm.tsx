import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { NOTICE_LAPSES_AFTER_SECONDS } from "#domains/accounts/rules/houseConstants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { durationText } from "#kernel/units/durations.ts";
import { whenTold } from "../app/api/answer.ts";
import { useRefresh } from "../app/api/live.tsx";
import { useMarketClock } from "../app/api/marketClock.ts";
import type { SessionState } from "../app/api/session.ts";
import { useFormats } from "../app/format/locale.tsx";
import { MONEY_DECIMALS, readDecimal } from "../app/format/readDecimal.ts";
import type { Market } from "../app/markets.ts";
import type { Owner } from "../app/pageDomain.ts";
import { Money } from "../app/parts/Amount.tsx";
import { DecimalField } from "../app/parts/DecimalField.tsx";
import { Notice } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { CallOutcome } from "../app/wallet/CallOutcome.tsx";
import type { HouseAction, HouseState, MarginOwner } from "./house.ts";
import { MemberChoice } from "./MemberChoice.tsx";
import { marginIn } from "./marginIn.ts";
import { type MarketMoney, type Member, marketMoney, membersWithMargin } from "./members.ts";
import type { Participant } from "./names.ts";
import { useHouse } from "./useHouse.ts";

type Balances = { readonly freeMicro: string; readonly marginMicro: string };
type Choice = Exclude<HouseAction, "release">;

const CHOICES: Record<Choice, string> = {
  deposit: "Deposit",
  addMargin: "Add margin",
  announce: "Take margin out",
  withdraw: "Withdraw",
};
/** What an account without a place in an area can do. */
const WITHOUT_SEAT: readonly Choice[] = ["deposit", "withdraw"];
/** Who is only paid in markets has nothing to put in; what it takes out is its income. */
const OF_INCOME: readonly Choice[] = ["deposit", "announce", "withdraw"];

function nameOf(choice: Choice, meaning: MarketMoney): string {
  return choice === "announce" && meaning === "income" ? "Take income out" : CHOICES[choice];
}

/** Moves money of one's own account with the wallet, each with what follows from it. */
export function MoneyForm({
  state,
  session,
  participant,
  markets,
}: Owner & {
  participant: Participant;
  /** Those that hold margins; at least one. */
  markets: readonly Market[];
}) {
  const margin = useMarginPlace(participant, markets);
  const [choice, setChoice] = useState<Choice>("deposit");
  const [text, setText] = useState("");
  const owner = { address: session.address, market: margin.market, seat: margin.seat };
  const house = whenTold(useHouse(state, owner), (told) => told, undefined);
  const move = useMove(state, owner);
  const balances = { freeMicro: participant.freeMicro, marginMicro: margin.marginMicro };
  const formats = useFormats();
  const meaning = marketMoney(participant);
  const amountMicro = readDecimal(text, MONEY_DECIMALS);
  const problem =
    text === "" ? null : problemOf({ choice, amountMicro, balances, house, money: formats.money });
  const choose = (next: Choice) => {
    setChoice(next);
    move.reset();
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (amountMicro !== null && problem === null) move.mutate({ action: choice, amountMicro });
      }}
    >
      {margin.choices}
      <ChoiceOfAction choice={choice} hasSeat={margin.seat !== null} meaning={meaning} onChoose={choose} />
      <Consequence choice={choice} house={house} balances={balances} meaning={meaning} />
      <DecimalField label={`Amount (${formats.currency})`} text={text} problem={problem} onText={setText} />
      <button
        type="submit"
        className="button primary"
        disabled={amountMicro === null || problem !== null || move.isPending}
      >
        {move.isPending ? "Waiting for the wallet and the chain…" : nameOf(choice, meaning)}
      </button>
      {house?.notice ? (
        <NoticeOfMargin
          notice={house.notice}
          isBusy={move.isPending}
          onRelease={() => move.mutate({ action: "release", amountMicro: 0n })}
        />
      ) : null}
      <CallOutcome error={move.error} transactionHash={move.data ?? null} />
    </form>
  );
}

/** Which margin is meant: of a market and a member, each chosen where there are several. */
function useMarginPlace(participant: Participant, markets: readonly Market[]) {
  const members = membersWithMargin(participant);
  const [market, setMarket] = useState(markets[0]?.address ?? "");
  const [chosen, setChosen] = useState<Member | null>(null);
  const isChosen = (member: Member) => chosen !== null && seatOf(member) === seatOf(chosen);
  const member = members.find(isChosen) ?? members[0];
  const choices = (
    <>
      {markets.length > 1 ? <MarketChoice markets={markets} address={market} onChoose={setMarket} /> : null}
      {member ? (
        <MemberChoice
          label="Metering point that the margin is for"
          members={members}
          chosen={member}
          onChoose={setChosen}
        />
      ) : null}
    </>
  );
  if (!member) return { market, seat: null, marginMicro: "0", choices };
  return { market, seat: seatOf(member), marginMicro: marginIn(participant, { market, ...member }), choices };
}

/** Each market holds a margin of its own. */
function MarketChoice({
  markets,
  address,
  onChoose,
}: {
  markets: readonly Market[];
  address: string;
  onChoose: (address: string) => void;
}) {
  return (
    <label className="field">
      <span>Market that the margin is for</span>
      <select value={address} onChange={({ target }) => onChoose(target.value)}>
        {markets.map((market) => (
          <option key={market.address} value={market.address}>
            {market.title}
          </option>
        ))}
      </select>
    </label>
  );
}

function ChoiceOfAction({
  choice,
  hasSeat,
  meaning,
  onChoose,
}: {
  choice: Choice;
  hasSeat: boolean;
  meaning: MarketMoney;
  onChoose: (choice: Choice) => void;
}) {
  const name = useId();
  const withSeat = meaning === "income" ? OF_INCOME : (Object.keys(CHOICES) as Choice[]);
  const offered = hasSeat ? withSeat : WITHOUT_SEAT;
  return (
    <fieldset className="choices">
      <legend className="visually-hidden">What to do</legend>
      {offered.map((each) => (
        <label key={each} className="choice">
          <input type="radio" name={name} checked={each === choice} onChange={() => onChoose(each)} />
          <span>{nameOf(each, meaning)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** What follows from it, before anything is signed. */
function Consequence({
  choice,
  house,
  balances,
  meaning,
}: {
  choice: Choice;
  house: HouseState | undefined;
  balances: Balances;
  meaning: MarketMoney;
}) {
  const isIncome = meaning === "income";
  const wallet = house ? <Money micro={house.walletMicro} /> : "…";
  const sentences: Record<Choice, ReactNode> = {
    deposit: (
      <>
        From your wallet ({wallet}) into your free balance: two transactions, a permission and the deposit.
        The clearing house holds it; you can withdraw it at any time.
      </>
    ),
    addMargin: (
      <>
        From your free balance (<Money micro={balances.freeMicro} />) into your margin, which covers what your
        orders can cost at worst. It leaves the market only with two hours’ notice.
      </>
    ),
    announce: (
      <>
        Announces that {isIncome ? "income" : "margin"} (you have <Money micro={balances.marginMicro} />) will
        leave the market. Two hours later the notice falls due: it can be taken out for{" "}
        {durationText(NOTICE_LAPSES_AFTER_SECONDS)}, then the notice lapses.{" "}
        {isIncome ? "" : "It covers no order whose delivery starts after the notice falls due. "}A new
        announcement replaces the one before.
      </>
    ),
    withdraw: (
      <>
        From your free balance (<Money micro={balances.freeMicro} />) to your wallet, at once. Nobody can
        refuse it.
      </>
    ),
  };
  return <p className="small">{sentences[choice]}</p>;
}

function NoticeOfMargin({
  notice: { amountMicro, payableAt, lapsesAt },
  isBusy,
  onRelease,
}: {
  notice: NonNullable<HouseState["notice"]>;
  isBusy: boolean;
  onRelease: () => void;
}) {
  const clock = useMarketClock();
  const amount = <Money micro={amountMicro} />;
  if (whenTold(clock, ({ now }) => now >= lapsesAt, false))
    return (
      <Notice>
        <p>
          A notice of {amount} lapsed at <Time at={lapsesAt} form="withZone" />: the margin stays in the
          market. Announce anew to take it out.
        </p>
      </Notice>
    );
  return (
    <Notice>
      <p>
        {amount} of margin is announced to leave. It can be taken out from{" "}
        <Time at={payableAt} form="withZone" /> until <Time at={lapsesAt} form="withZone" />, or what trades
        left of it. Then the notice lapses.
      </p>
      <button type="button" className="button" disabled={isBusy} onClick={onRelease}>
        Take it out now
      </button>
    </Notice>
  );
}

function useMove(state: SessionState, owner: MarginOwner) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async (move: { action: HouseAction; amountMicro: bigint }) => {
      const { moveMoney } = await import("./house.ts");
      return moveMoney(state, { ...owner, ...move });
    },
    onSettled: () => refresh("money"),
  });
}

/** Why the amount can't be moved, as far as the page knows; the contract decides. */
function problemOf({
  choice,
  amountMicro,
  balances,
  house,
  money,
}: {
  choice: Choice;
  amountMicro: bigint | null;
  balances: Balances;
  house: HouseState | undefined;
  money: (micro: bigint) => string;
}): string | null {
  if (amountMicro === null) return "Write an amount such as 12.50, with at most six decimals.";
  if (amountMicro <= 0n) return "An amount above zero is needed.";
  const available: Record<Choice, bigint | undefined> = {
    deposit: house?.walletMicro,
    addMargin: BigInt(balances.freeMicro),
    announce: BigInt(balances.marginMicro),
    withdraw: BigInt(balances.freeMicro),
  };
  const most = available[choice];
  return most !== undefined && amountMicro > most ? `There are only ${money(most)}.` : null;
}
