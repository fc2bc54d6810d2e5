import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useAddress } from "../../app/address.ts";
import { useMarketClock } from "../../app/api/marketClock.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { type Fact, Facts } from "../../app/parts/Facts.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Loaded } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { type AskingCar, CarFields, useCar } from "./CarForm.tsx";
import { DisputeCard } from "./DisputeCard.tsx";
import { type DriverSession, type SessionPromise, useDriverGet } from "./driver.ts";
import { InvoiceLines } from "./InvoiceLines.tsx";
import { promiseWords } from "./promiseWords.ts";
import { stageWords } from "./sessionWords.ts";
import { TariffCard } from "./TariffCard.tsx";

/** What does it cost here, what will I get until I leave, and what did I pay? For who has the session’s salt. */
export function DriverPage() {
  const { areaId, id } = useAddress("areaId", "id");
  // Behind the # of the address, which no browser sends to a server.
  const { hash } = useLocation();
  const [typed, setTyped] = useState("");
  const salt = hash === "" ? typed.trim() : hash;
  return (
    <div className="stack">
      <h1>Your charging session</h1>
      {SALT.test(salt) ? (
        <SessionOfSalt path={`/v1/areas/${areaId}/sessions/${id}`} salt={salt} />
      ) : (
        <Card title="Whose session is it?">
          <label className="field">
            <span>The session’s salt: only you and the station’s operator have it</span>
            <input
              value={typed}
              spellCheck={false}
              autoComplete="off"
              onChange={({ target }) => setTyped(target.value)}
            />
          </label>
          <p className="quiet small">It is the end of the link that you got when you signed, behind the #.</p>
        </Card>
      )}
    </div>
  );
}

const SALT = /^0x[0-9a-f]{64}$/;

function SessionOfSalt({ path, salt }: { path: string; salt: string }) {
  const query = useDriverGet<DriverSession>(`${path}/driver`, salt);
  const clock = useMarketClock();
  return (
    <Loaded query={query} what="your session">
      {(known) => (
        <Loaded query={clock} what="the market’s time">
          {({ now }) => <Session known={known} path={path} salt={salt} now={now} />}
        </Loaded>
      )}
    </Loaded>
  );
}

type Asked = { readonly path: string; readonly salt: string; readonly now: number };

function Session({ known, ...asked }: Asked & { known: DriverSession }) {
  const { session, invoice, tariff, timeZone, stationId } = known;
  const { car, fields } = useCar(asked.now);
  const isOver = invoice !== null || session.sessionStage === "finished";
  return (
    <>
      <p className="quiet">
        At {stationId}. Keep this page’s address: the part behind the # is all that opens it.
      </p>
      {invoice === null ? null : (
        <Card title="Invoice">
          <InvoiceLines invoice={invoice} />
        </Card>
      )}
      {isOver ? null : (
        <>
          <WhatYouGet known={known} car={car} {...asked} />
          <TariffCard tariff={tariff} timeZone={timeZone} now={asked.now} car={car} />
          <Card title="Your car">
            <CarFields {...fields} />
          </Card>
        </>
      )}
      <Standing known={known} />
      <DisputeCard session={session} />
    </>
  );
}

function WhatYouGet({ known, car, path, salt }: Asked & { known: DriverSession; car: AskingCar | null }) {
  return (
    <Card title="What you get">
      {!known.hasPromise ? (
        <p>This server does not run the station, and cannot say what it may promise.</p>
      ) : car === null ? (
        <p>Say below what your car needs.</p>
      ) : (
        <Promised path={path} salt={salt} car={car} />
      )}
    </Card>
  );
}

function Promised({ path, salt, car }: { path: string; salt: string; car: AskingCar }) {
  const formats = useFormats();
  const { capacityWh, storedWh, targetWh, mostW, departsAt } = car;
  const asked = new URLSearchParams(
    Object.entries({ capacityWh, storedWh, targetWh, mostW, departsAt }).map(([key, value]) => [
      key,
      `${value}`,
    ]),
  );
  const query = useDriverGet<SessionPromise>(`${path}/promise?${asked}`, salt);
  return (
    <Loaded query={query} what="the promise">
      {(promise) => (
        <div className="stack">
          <p className="promise" data-promise>
            <strong>{promiseWords(promise, car, formats)}</strong>
          </p>
          <p className="quiet small">
            By the station’s own schedule: it may draw {formats.capacity(promise.limitW)} until{" "}
            {formats.time(promise.limitUntil)}, taken to go on; {vehiclesThere(promise.others)} there. It
            costs <Money micro={promise.alone.costMicro} /> if nobody comes.
          </p>
        </div>
      )}
    </Loaded>
  );
}

function Standing({ known }: { known: DriverSession }) {
  const formats = useFormats();
  const { session, running } = known;
  return (
    <Card title={running === null ? "Your money" : running.hasEnded ? "Just over" : "Charging"}>
      <Facts facts={[...runningFacts(known), ...moneyFacts(known)]} />
      <p className="quiet small">On the chain: {stageWords(session, formats)}.</p>
    </Card>
  );
}

function runningFacts({ running, idToken, invoice, session }: DriverSession): Fact[] {
  if (invoice !== null || session.sessionStage === "finished") return [];
  if (running === null) return [{ name: "Show at the station", value: <code>{idToken}</code> }];
  return [
    {
      name: "Energy so far",
      value: running.energyWh === null ? "not known yet" : <Energy wh={running.energyWh} />,
    },
    { name: "Since", value: running.startedAt === null ? "not known" : <Time at={running.startedAt} /> },
    { name: "Heard of last", value: <Time at={running.heardAt} /> },
  ];
}

function moneyFacts({ session }: DriverSession): Fact[] {
  const { limitMicro, amountMicro, returnedMicro, paidMicro, id, sessionStage, provenMicro } = session;
  const back = amountMicro === null ? null : BigInt(limitMicro) - BigInt(amountMicro);
  return [
    { name: "Held, the most that you pay", value: <Money micro={limitMicro} /> },
    { name: "Charged", value: amountMicro === null ? "not yet" : <Money micro={amountMicro} /> },
    {
      name: "Returned to you",
      value:
        back === null && sessionStage !== "finished" ? (
          "when it is charged, or the hold ends"
        ) : (
          <Money micro={(back ?? 0n) + BigInt(returnedMicro ?? "0")} />
        ),
    },
    ...(provenMicro === null ? [] : [{ name: "Proven", value: <Money micro={provenMicro} /> }]),
    {
      name: "Paid to the station’s owner",
      value: paidMicro === null ? "not yet" : <Money micro={paidMicro} />,
    },
    { name: "Session on the chain", value: <Hash value={id} /> },
  ];
}

function vehiclesThere(others: number): string {
  if (others === 0) return "no other vehicle is";
  return others === 1 ? "1 other vehicle is" : `${others} other vehicles are`;
}
