import { type AddressInfo, createServer } from "node:net";
import { Aedes } from "aedes";
import { fastify } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { hearBroker } from "#domains/metering/mqtt/hearBroker.ts";
import { joinGateways } from "#domains/metering/readingDesk.ts";
import { addNewReadings } from "#domains/metering/routes/meters.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { openBenchGateway } from "./acceptance.ts";
import { deviceKeys } from "./meterDevices.ts";

/* The gateway's process: prints where it takes readings over HTTP and at which broker, and runs until it is killed. */

const HOST = "127.0.0.1";
const [, , directory = "."] = process.argv;

const readingDesk = joinGateways(new Map([[1, openBenchGateway(deviceKeys().map(addressOfKey), directory)]]));
const app: Api = fastify().withTypeProvider<ZodTypeProvider>();
app.setValidatorCompiler(validatorCompiler);
app.setSerializerCompiler(serializerCompiler);
addNewReadings(app, { readingDesk } as never);
const http = await app.listen({ host: HOST, port: 0 });
const broker = await Aedes.createBroker();
const server = createServer(broker.handle);
await new Promise<void>((resolve) => server.listen(0, HOST, () => resolve()));
const mqtt = `mqtt://bench@${HOST}:${(server.address() as AddressInfo).port}`;
broker.once("subscribe", () => console.log(JSON.stringify({ http, mqtt })));
await hearBroker({ address: mqtt, desk: readingDesk, say: console.error });
