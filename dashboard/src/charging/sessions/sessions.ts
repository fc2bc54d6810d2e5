import type { z } from "zod";
import type {
  sessionEarningsWire,
  sessionInvoiceWire,
  sessionRecordsWire,
  sessionsWire,
  stationVehiclesWire,
} from "#domains/charging/sessionWire.ts";

export type ChainSession = z.infer<typeof sessionsWire>["sessions"][number];
export type SessionRecords = z.infer<typeof sessionRecordsWire>;
export type RecordedSession = SessionRecords["sessions"][number];
export type SessionInvoice = z.infer<typeof sessionInvoiceWire>;
export type SessionEarnings = z.infer<typeof sessionEarningsWire>;
export type StationVehicles = z.infer<typeof stationVehiclesWire>;
export type VehicleNow = NonNullable<StationVehicles["now"]>["vehicles"][number];
