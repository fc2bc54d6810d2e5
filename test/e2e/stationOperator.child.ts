import { carryQuotas } from "#domains/charging/carryQuotas.ts";
import { enrolStation } from "#domains/charging/ocpp/station.ts";
import { readQuotaW } from "#domains/charging/quotaMarket.ts";
import { stationIdOf } from "#domains/charging/rules/signedSession.ts";
import { openStationOperator } from "#domains/charging/stationOperator.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { connectNetwork } from "#platform/chain/network.ts";
import { createSender } from "#platform/chain/sender.ts";
import { PRICES } from "./sessionsOnChain.fixture.ts";
import type { OperatorRequest, OperatorSetup } from "./stationOperator.fixture.ts";

/* The operator's process of the day of sessions: it does what it is told over IPC, at the time that it is told, and may be killed. */

const setup = await new Promise<OperatorSetup>((got) =>
  process.once("message", (message) => got(message as OperatorSetup)),
);
let now = setup.now;
const network = await connectNetwork({ rpcUrl: setup.rpcUrl, gasPrice: 0n });
const { deployment, published, payee } = setup;
const stations = setup.stations.map((stationId) =>
  enrolStation({ ...setup.enrolment, stationId, securityProfile: 1, evses: 1 }),
);
const sender = createSender(network, setup.ownerKey);
const operator = await openStationOperator({
  directory: setup.directory,
  listener: { host: "127.0.0.1", port: setup.port, security: { profile: 1 } },
  stations,
  priced: stations.map(({ stationId }) => ({
    stationId,
    stationHash: stationIdOf(stationId),
    payee,
    tariff: PRICES,
    published,
  })),
  network,
  deployment,
  sender,
  clock: createLocalClock("Europe/Berlin"),
  now: () => now,
  tell: (event) => process.send?.({ kind: "news", event }),
  trouble: (trouble) => process.send?.({ kind: "trouble", trouble }),
  answerWithinMs: 30_000,
});

async function answer(request: OperatorRequest): Promise<unknown> {
  now = request.now;
  switch (request.kind) {
    case "offers":
      return Promise.all(request.offers.map((offer) => operator.desk.take(offer)));
    case "send":
      await sender.sendAll(request.calls);
      return null;
    case "clock":
      return null;
    case "work":
      return operator.work();
    case "carry": {
      const { areaId, period, firstMember, periodSeconds } = request;
      const quotas = await Promise.all(
        stations.map(async ({ stationId }, i) => {
          const place = { areaId, period, member: firstMember + i };
          const quotaW = await readQuotaW(network, deployment, place);
          return [stationId, [{ period, quotaW }]] as const;
        }),
      );
      const { ratedW } = setup.enrolment;
      const how = { quotas: new Map(quotas), ratedW: () => ratedW, periodSeconds, now };
      return carryQuotas(operator.central, how);
    }
    case "entries":
      return operator.ledger.entries();
  }
}

process.on("message", (request: OperatorRequest) => {
  answer(request).then(
    (result) => process.send?.({ kind: "answer", id: request.id, result }),
    (error) => process.send?.({ kind: "answer", id: request.id, error: String(error?.stack ?? error) }),
  );
});
process.send?.({ kind: "ready", url: operator.central.urls[0] });
