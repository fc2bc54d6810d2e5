import { nameIn, useDirectory } from "../accounts/names.ts";
import { whenTold } from "../app/api/answer.ts";
import { useAreas } from "./areas.ts";

/** Who sent a transaction: an area's operator, its gateway, or a participant by its name; null for others. */
export function useSenderNames(): (transaction: { sender: string }) => string | null {
  const directory = useDirectory();
  const areas = whenTold(useAreas(), (told) => told.areas, []);
  return ({ sender }) => {
    if (areas.some(({ gateway }) => gateway === sender)) return "meter gateway";
    if (areas.some(({ operator }) => operator === sender)) return "market operator";
    const account = directory?.byAddress.get(sender);
    return account === undefined ? null : nameIn(directory, account);
  };
}
