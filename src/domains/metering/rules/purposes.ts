/** The purpose for which a market claims a metered Wh as sold energy: MeterLedger.ENERGY. A Wh is claimed once for a purpose. */
export const ENERGY_PURPOSE = 1;
