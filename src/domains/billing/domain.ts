import type { Domain } from "#domains/domain.ts";
import { billingConcerns } from "./concerns.ts";
import { BILLING_WORDS } from "./fieldWords.ts";
import { projectBilling } from "./projection.ts";
import type { TariffSource } from "./projections/bills.ts";
import type { BillingContext } from "./routes/billingContext.ts";
import { addBills } from "./routes/bills.ts";
import { addCsvExports } from "./routes/csvExports.ts";
import { addExplainedBills } from "./routes/explainedBills.ts";
import { addMonthOfAll } from "./routes/monthOfAll.ts";
import { addPeriods } from "./routes/periods.ts";
import { addStatement } from "./routes/statement.ts";
import { SEALED, TABLES } from "./tables.ts";

/** Bills: what the meter says at the tariff, and the charges of every domain. */
export const billing: Domain<BillingContext, TariffSource> = {
  name: "billing",
  tables: TABLES,
  sealed: SEALED,
  project: projectBilling,
  fieldWords: BILLING_WORDS,
  routes: [addBills, addExplainedBills, addPeriods, addCsvExports, addStatement, addMonthOfAll],
  concerns: billingConcerns,
};
