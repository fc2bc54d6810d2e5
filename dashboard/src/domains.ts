import { accounts } from "./accounts/domain.ts";
import type { PageDomain } from "./app/pageDomain.ts";
import { audit } from "./audit/domain.ts";
import { billing } from "./billing/domain.ts";
import { charging } from "./charging/domain.ts";
import { grid } from "./grid/domain.ts";
import { metering } from "./metering/domain.ts";
import { operation } from "./operation/domain.ts";
import { pool } from "./pool/domain.ts";

/** The fields of expertise that the pages show, each after those that it leans on. */
export const PAGE_DOMAINS: readonly PageDomain[] = [
  accounts,
  metering,
  billing,
  pool,
  grid,
  charging,
  operation,
  audit,
];
