import { estimateMicro } from "#domains/charging/sessions/estimateMicro.ts";
import { EFFICIENCY } from "#domains/charging/station/vehicle.ts";
import { durationText } from "#kernel/units/durations.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Money, Price } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { type Fact, Facts } from "../../app/parts/Facts.tsx";
import { Figure, Figures } from "../../app/parts/Figure.tsx";
import type { AskingCar } from "./CarForm.tsx";
import { priceAt, type SaidTariff, tariffOf } from "./driver.ts";

/** What charging costs now, and what the car’s session would at most. */
export function TariffCard({
  tariff: said,
  timeZone,
  now,
  car,
}: {
  tariff: SaidTariff;
  timeZone: string;
  now: number;
  car: AskingCar | null;
}) {
  const formats = useFormats();
  const tariff = tariffOf(said);
  const current = priceAt(tariff, { at: now, timeZone });
  return (
    <Card title="Price">
      <Figures>
        <Figure
          label="A kilowatt-hour now"
          value={current === null ? "–" : <Price micro={current.price.energyMicroPerKwh} />}
          note={current === null ? null : `until ${formats.time(current.until)}, taxes included`}
          meaning="money"
        />
        <Figure
          label="Your session, at most"
          value={car === null ? "–" : <Money micro={worstMicro(said, car)} />}
          note="all energy at the dearest price, if you leave when it is done; so much is held, what is not charged comes back"
          meaning="money"
        />
      </Figures>
      <Facts facts={factsOf(said, current?.price.idleMicroPerHour ?? null)} />
    </Card>
  );
}

/** What a driver signs for: each component at its dearest, over the whole stay. */
export function worstMicro(said: SaidTariff, { storedWh, targetWh, mostW }: AskingCar): bigint {
  const energyWh = (targetWh - storedWh) / EFFICIENCY;
  return estimateMicro(tariffOf(said), {
    energyWh: BigInt(Math.ceil(energyWh)),
    chargingSeconds: Math.ceil((energyWh * 3_600) / mostW),
    idleSeconds: 0,
  });
}

function factsOf({ sessionFeeMicro, idleGraceSeconds, tariffId }: SaidTariff, idle: bigint | null): Fact[] {
  return [
    { name: "Each session", value: <Money micro={sessionFeeMicro} /> },
    {
      name: "Standing there when it is done",
      value:
        idle === null ? (
          "–"
        ) : idle === 0n ? (
          "free now"
        ) : (
          <>
            free for {durationText(idleGraceSeconds)}, then <Money micro={idle} /> an hour
          </>
        ),
    },
    { name: "Tariff", value: tariffId },
  ];
}
