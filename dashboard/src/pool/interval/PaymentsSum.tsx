import { MICRO_PER_FINE, roundParts } from "#kernel/units/roundedParts.ts";
import { MemberLink } from "../../accounts/MemberLink.tsx";
import { Money } from "../../app/parts/Amount.tsx";
import { Empty, Notice } from "../../app/parts/States.tsx";
import type { IntervalBooks, Party } from "./intervalBooks.ts";
import "./PaymentsSum.css";

/** Every party with what it pays or gets, and their sum, which is zero. */
export function PaymentsSum({ areaId, books }: { areaId: number; books: IntervalBooks | null }) {
  if (books === null) return <Empty>Payments come with the settlement, after delivery.</Empty>;
  if (!books.isWhole)
    return <Empty>A part was settled through another contract: its payments are not known here.</Empty>;
  if (books.members.length === 0) return <Empty>Nothing was traded, so nothing was paid.</Empty>;
  const paying = books.parties.filter(({ paysMicro }) => paysMicro > 0n);
  const getting = books.parties.filter(({ paysMicro }) => paysMicro <= 0n);
  return (
    <div className="stack">
      <div className="sum-columns">
        <Side title="Pay" areaId={areaId} parties={paying} />
        <Side title="Get" areaId={areaId} parties={getting} />
      </div>
      <p className="sum-zero">
        <span>Sum of all payments</span>
        <strong>
          <Money micro={books.sumMicro} form="fine" />
        </strong>
      </p>
      {books.sumMicro === 0n ? null : (
        <Notice tone="act">The payments do not sum to zero: run the check, it names what is wrong.</Notice>
      )}
    </div>
  );
}

function Side({ title, areaId, parties }: { title: string; areaId: number; parties: readonly Party[] }) {
  const amounts = parties.map(({ paysMicro }) => absolute(paysMicro));
  const shown = roundParts(amounts, { unit: MICRO_PER_FINE });
  return (
    <section>
      <h3>{title}</h3>
      <ul className="sum-list">
        {parties.map(({ member, role }, i) => (
          <li key={`${member} ${role}`}>
            <span>
              <MemberLink areaId={areaId} member={member} /> <span className="quiet small">{role}</span>
            </span>
            <Money micro={amounts[i] ?? 0n} shown={shown.parts[i] ?? 0n} form="fine" />
          </li>
        ))}
        <li className="sum-total">
          <span>together</span>
          <Money micro={amounts.reduce((sum, micro) => sum + micro, 0n)} shown={shown.total} form="fine" />
        </li>
      </ul>
    </section>
  );
}

function absolute(micro: bigint): bigint {
  return micro < 0n ? -micro : micro;
}
