import { createContext, type ReactNode, useContext, useMemo } from "react";
import { whenTold } from "../api/answer.ts";
import { useSessionState } from "../api/session.ts";
import { createFormats, type Formats } from "./formats.ts";

const FormatsContext = createContext<Formats | null>(null);

/** Gives all pages the area's zone and currency, as soon as the server has said them. */
export function FormatsProvider({ children }: { children: ReactNode }) {
  const state = useSessionState();
  const [timeZone, currency] = whenTold(state, (told) => [told.timeZone, told.currency], [null, null]);
  const formats = useMemo(
    () => (timeZone && currency ? createFormats({ timeZone, currency }) : null),
    [timeZone, currency],
  );
  return <FormatsContext value={formats}>{children}</FormatsContext>;
}

/** Shows what has times and money in it once their zone and currency are known; never a time of another zone. */
export function WithFormats({ children, before = null }: { children: ReactNode; before?: ReactNode }) {
  return useContext(FormatsContext) === null ? before : children;
}

/** Only within {@link WithFormats}. */
export function useFormats(): Formats {
  const formats = useContext(FormatsContext);
  if (formats === null) throw new Error("the zone of the area is not known yet");
  return formats;
}
