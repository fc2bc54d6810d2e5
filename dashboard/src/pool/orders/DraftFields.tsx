import type { Side } from "#kernel/auction/order.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { DecimalField, FieldProblem } from "../../app/parts/DecimalField.tsx";
import { IntervalChoice } from "./IntervalChoice.tsx";
import type { FieldProblems, OrderDraft } from "./orderDraft.ts";
import type { OrderPlace } from "./orderPlace.ts";

const SIDES: readonly { side: Side; name: string }[] = [
  { side: "offer", name: "Sell" },
  { side: "bid", name: "Buy" },
];

/** The fields of an order, each with what is wrong below it. */
export function DraftFields({
  draft,
  problems,
  place,
  formId,
  onChange,
}: {
  draft: OrderDraft;
  problems: FieldProblems;
  place: OrderPlace;
  formId: string;
  onChange: (changed: Partial<OrderDraft>) => void;
}) {
  const { currency } = useFormats();
  return (
    <>
      <fieldset className="choices">
        <legend className="visually-hidden">Sell or buy</legend>
        {SIDES.map(({ side, name }) => (
          <label key={side} className="choice">
            <input
              type="radio"
              name={`${formId}side`}
              checked={draft.side === side}
              onChange={() => onChange({ side })}
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <DecimalField
        label="Energy (kWh)"
        text={draft.energyText}
        problem={problems.energy ?? null}
        onText={(energyText) => onChange({ energyText })}
      />
      <DecimalField
        label={`Limit price (${currency} per kWh), ${draft.side === "bid" ? "at most" : "at least"}`}
        text={draft.priceText}
        problem={problems.price ?? null}
        onText={(priceText) => onChange({ priceText })}
      />
      <div>
        <IntervalChoice
          open={place.open}
          soonest={place.soonest}
          chosen={place.chosen}
          problem={problems.interval}
          problemId={`${formId}interval`}
          onChoose={(intervalId) => onChange({ intervalId })}
        />
        <FieldProblem id={`${formId}interval`}>{problems.interval}</FieldProblem>
      </div>
    </>
  );
}
