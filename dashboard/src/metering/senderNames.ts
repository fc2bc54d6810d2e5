import { nameIn, useDirectory } from "../accounts/names.ts";
import { useAreas } from "./areas.ts";

/** Who sent a transaction: an area's operator, its gateway, or a participant by its name; null for others. */
export function useSenderNames(): (transaction: { sender: string }) => string | null {
  const directory = useDirectory();
  const { data } = useAreas();
  return ({ sender }) => {
    if (data?.areas.some(({ gateway }) => gateway === sender)) return "meter gateway";
    if (data?.areas.some(({ operator }) => operator === sender)) return "market operator";
    const account = directory?.byAddress.get(sender);
    return account === undefined ? null : nameIn(directory, account);
  };
}
