import { Command } from "commander";
import { registerAdmit } from "#cli/admit.ts";
import { registerAudit } from "#cli/audit.ts";
import { registerBackup } from "#cli/backup.ts";
import { registerBaselines } from "#cli/baselines.ts";
import { registerChargePoint } from "#cli/chargePoint.ts";
import { registerChargingDay } from "#cli/chargingDay.ts";
import { registerClear } from "#cli/clear.ts";
import { registerCompare } from "#cli/compare.ts";
import { registerDeploy } from "#cli/deploy.ts";
import { runCommand } from "#cli/exit.ts";
import { registerFound } from "#cli/found.ts";
import { registerImport } from "#cli/import.ts";
import { registerInit } from "#cli/init.ts";
import { registerMeter } from "#cli/meter.ts";
import { registerReproduce } from "#cli/reproduce.ts";
import { registerRun } from "#cli/run.ts";
import { registerSimulate } from "#cli/simulate.ts";
import { registerStationDay } from "#cli/stationDay.ts";
import { registerUp } from "#cli/up.ts";
import { registerVen } from "#cli/ven.ts";
import { registerVtn } from "#cli/vtn.ts";
import packageJson from "../package.json" with { type: "json" };
import { readConfig } from "./config.ts";

const config = readConfig();
const program = new Command("commonwatt")
  .description("markets of a local energy system, verified on a blockchain and paid by the meter")
  .version(packageJson.version, "--version", "print the version")
  .exitOverride();

registerUp(program, config);
registerInit(program, config);
registerFound(program, config);
registerRun(program, config);
registerAdmit(program, config);
registerClear(program);
registerSimulate(program, config);
registerImport(program);
registerCompare(program);
registerReproduce(program);
registerBaselines(program);
registerAudit(program, config);
registerBackup(program, config);
registerDeploy(program, config);
registerChargePoint(program);
registerChargingDay(program);
registerStationDay(program);
registerVtn(program, config);
registerVen(program);
registerMeter(program, config);

await runCommand(() => program.parseAsync(process.argv));
