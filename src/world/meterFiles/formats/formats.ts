import { ausgrid } from "./ausgrid.ts";
import { awattar } from "./awattar.ts";
import { dsmr } from "./dsmr.ts";
import { eda } from "./eda.ts";
import { enphase } from "./enphase.ts";
import { entsoe } from "./entsoe.ts";
import { entsoeXml } from "./entsoeXml.ts";
import { esb } from "./esb.ts";
import { espi } from "./espi.ts";
import type { Format } from "./format.ts";
import { homewizard } from "./homewizard.ts";
import { linky } from "./linky.ts";
import { nem12 } from "./nem12.ts";
import { nem13 } from "./nem13.ts";
import { netztransparenz } from "./netztransparenz.ts";
import { octopus } from "./octopus.ts";
import { smard } from "./smard.ts";
import { tesla } from "./tesla.ts";

/** Formats that are known, in the order in which they are tried; what none of them recognises is a plain table. */
export const FORMATS: readonly Format[] = [
  dsmr,
  nem12,
  nem13,
  espi,
  entsoeXml,
  eda,
  linky,
  ausgrid,
  homewizard,
  tesla,
  enphase,
  esb,
  octopus,
  awattar,
  smard,
  entsoe,
  netztransparenz,
];

/** The name of a table without a format of its own. */
export const PLAIN_TABLE = "table";
