import { z } from "zod";
import { type ReadStates, whOf } from "./registerStates.ts";

/** Makers whose devices answer with their registers over HTTP, and where. */
export const HTTP_METERS = ["homewizard", "shelly"] as const;
export type HttpMeter = (typeof HTTP_METERS)[number];

const counter = z.number().nonnegative();

/** HomeWizard, local API v1: `/api/v1/data`; meters with two tariffs say no total in old versions. */
const homewizard = z.object({
  total_power_import_kwh: counter.optional(),
  total_power_import_t1_kwh: counter.optional(),
  total_power_import_t2_kwh: counter.optional(),
  total_power_export_kwh: counter.optional(),
  total_power_export_t1_kwh: counter.optional(),
  total_power_export_t2_kwh: counter.optional(),
});

/** Shelly, first generation: `/status` of an EM or 3EM, Wh a phase. */
const shellyEmeters = z.object({
  emeters: z.array(z.object({ total: counter, total_returned: counter.optional().default(0) })).min(1),
});
/** Shelly, second generation and later: `/rpc/EMData.GetStatus?id=0`, Wh of all phases. */
const shellyEmData = z.object({ total_act: counter, total_act_ret: counter });
/** `/rpc/EM1Data.GetStatus?id=0`, Wh of one phase. */
const shellyEm1Data = z.object({ total_act_energy: counter, total_act_ret_energy: counter });
/** `/rpc/Switch.GetStatus?id=0`, Wh. */
const shellySwitch = z.object({
  aenergy: z.object({ total: counter }),
  ret_aenergy: z.object({ total: counter }).optional(),
});

/** Registers of an answer; energy from the grid is import, to the grid export. */
export function readHttpStates(meter: HttpMeter, body: unknown): ReadStates {
  const states = meter === "homewizard" ? readHomewizard(body) : readShelly(body);
  if (states === null) return { fault: `the answer has no registers that a ${NAMES[meter]} has` };
  return { ...states, saidAt: null };
}

const NAMES = { homewizard: "HomeWizard meter", shelly: "Shelly meter" } as const;

type Energies = { readonly importWh: number; readonly exportWh: number };

function readHomewizard(body: unknown): Energies | null {
  const { data } = homewizard.safeParse(body);
  if (!data) return null;
  const imported = totalOf(data.total_power_import_kwh, [
    data.total_power_import_t1_kwh,
    data.total_power_import_t2_kwh,
  ]);
  if (imported === null) return null;
  const exported = totalOf(data.total_power_export_kwh, [
    data.total_power_export_t1_kwh,
    data.total_power_export_t2_kwh,
  ]);
  return { importWh: imported, exportWh: exported ?? 0 };
}

/** Wh of the total, else of its tariffs; null where there is neither. */
function totalOf(total: number | undefined, tariffs: readonly (number | undefined)[]): number | null {
  if (total !== undefined) return whOf(total);
  const known = tariffs.filter((tariff) => tariff !== undefined);
  return known.length === 0 ? null : known.reduce((sum, tariff) => sum + whOf(tariff), 0);
}

function readShelly(body: unknown): Energies | null {
  const emeters = shellyEmeters.safeParse(body).data?.emeters;
  if (emeters)
    return {
      importWh: emeters.reduce((sum, { total }) => sum + total, 0),
      exportWh: emeters.reduce((sum, { total_returned }) => sum + total_returned, 0),
    };
  const all = shellyEmData.safeParse(body).data;
  if (all) return { importWh: all.total_act, exportWh: all.total_act_ret };
  const one = shellyEm1Data.safeParse(body).data;
  if (one) return { importWh: one.total_act_energy, exportWh: one.total_act_ret_energy };
  const plug = shellySwitch.safeParse(body).data;
  return plug ? { importWh: plug.aenergy.total, exportWh: plug.ret_aenergy?.total ?? 0 } : null;
}
