import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { z } from "zod";
import type { auditResultWire, auditWire } from "#platform/api/wireAudit.ts";
import type { Answer } from "../app/api/answer.ts";
import { sendJson } from "../app/api/getJson.ts";
import { useGet } from "../app/api/useGet.ts";

export type AuditState = z.infer<typeof auditWire>;
export type AuditResult = z.infer<typeof auditResultWire>;
export type Audit = {
  readonly query: Answer<AuditState>;
  readonly start: UseMutationResult<AuditState, Error, void>;
};

const PATH = "/v1/audit";

/** What the auditor found and how far it is, live; `start` audits anew. */
export function useAudit(): Audit {
  const queries = useQueryClient();
  const query = useGet<AuditState>(PATH);
  const canAudit = query.isTold;
  useEffect(() => {
    if (!canAudit) return;
    const source = new EventSource(`${PATH}/events`);
    const take = ({ data }: MessageEvent<string>) => {
      // An answer that is still on its way is of before this.
      void queries.cancelQueries({ queryKey: ["api", PATH] });
      queries.setQueryData(["api", PATH], JSON.parse(data) as AuditState);
    };
    source.addEventListener("progress", take);
    source.addEventListener("result", take);
    return () => source.close();
  }, [canAudit, queries]);
  const start = useMutation({
    mutationFn: () => sendJson<AuditState>("POST", PATH),
    onSuccess: (state) => queries.setQueryData(["api", PATH], state),
  });
  return { query, start };
}
