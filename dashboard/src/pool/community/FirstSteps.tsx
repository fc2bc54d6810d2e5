import { Link } from "@tanstack/react-router";
import { useFormats } from "../../app/format/locale.tsx";
import { Price } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Steps } from "../../app/parts/Steps.tsx";
import { Time } from "../../app/parts/Time.tsx";
import type { Community } from "../community.ts";

/** A market that has just been founded: what happens next, and when; figures come with it. */
export function FirstSteps({ community }: { community: Community }) {
  const formats = useFormats();
  const { homes, next, now } = community;
  const span = formats.span(next.startsAt, next.endsAt);
  const isClosed = now >= next.gateClosesAt;
  return (
    <Card title="The market opens" aside={formats.day(next.startsAt)} tone="good">
      <p>
        Nothing has been traded yet. The first interval is <strong>{span}</strong>; this page follows by
        itself.
      </p>
      <Steps
        label="What happens next"
        steps={[
          {
            title: isClosed ? "Orders are in" : "Now",
            isDone: true,
            children: `${formats.count(homes)} homes say what they would sell or buy, and at which price.`,
          },
          {
            title: <Time at={next.gateClosesAt} form="time" />,
            isDone: isClosed,
            children: "The gate closes. Offers meet bids, and the first price stands here.",
          },
          {
            title: span,
            isDone: now >= next.endsAt,
            children: "Delivery: the meters count what goes in and out.",
          },
          {
            title: (
              <>
                After <Time at={next.endsAt} form="time" />
              </>
            ),
            isDone: false,
            children: "Signed readings come in, trades are paid, and the first saving is known.",
          },
        ]}
      />
      <p className="quiet small">
        A neighbour’s kWh will be between <Price micro={next.price.floorMicroPerKwh} /> and{" "}
        <Price micro={next.price.ceilingMicroPerKwh} />, with a grid fee of{" "}
        <Price micro={next.price.gridFeeMicroPerKwh} /> on top for who buys.
      </p>
      <p>
        Meanwhile: <Link to="/me">look through the eyes of a home</Link>,{" "}
        <Link to="/order">send an order</Link>, or <Link to="/audit">see how all of it is checked</Link>.
      </p>
    </Card>
  );
}

/** Whether nothing has come of the market so far: nothing cleared, delivered or settled. */
export function isUntouched({ current, next, flow, supply, today }: Community): boolean {
  const isCollecting = current.status === "collecting" && next.status === "collecting";
  return isCollecting && flow === null && supply.intervalId === null && today.intervals === 0;
}
