import type { ErrorComponentProps } from "@tanstack/react-router";
import { ServerGoneError } from "../api/getJson.ts";
import { useLiveness } from "../api/live.tsx";
import { Failure, Loading } from "./States.tsx";

/** In the place of a page whose script is being fetched. */
export function PagePending() {
  const { state } = useLiveness();
  return state === "lost" ? (
    <Failure error={new ServerGoneError(null)} what="this page" />
  ) : (
    <Loading what="the page" />
  );
}

/** In the place of a page that can't be drawn. */
export function PageFailed({ error }: ErrorComponentProps) {
  const shown = error instanceof Error ? error : new Error("something went wrong");
  return <Failure error={shown} what="this page" onRetry={() => location.reload()} />;
}
