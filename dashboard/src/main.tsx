import "./app/style/tokens.css";
import "./app/style/base.css";
import "./app/style/columns.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { LiveProvider } from "./app/api/live.tsx";
import { FormatsProvider } from "./app/format/locale.tsx";
import { PageDomainsProvider } from "./app/pageDomains.tsx";
import { createPageRouter } from "./app/router.tsx";
import { PAGE_DOMAINS } from "./domains.ts";

/** Answers stay good until an event of the market says otherwise. */
const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } },
});

const router = createPageRouter(PAGE_DOMAINS);

const place = document.getElementById("root");
if (place === null) throw new Error("the page has no place to be drawn in");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <PageDomainsProvider domains={PAGE_DOMAINS}>
        <LiveProvider>
          <FormatsProvider>
            <RouterProvider router={router} />
          </FormatsProvider>
        </LiveProvider>
      </PageDomainsProvider>
    </QueryClientProvider>
  </StrictMode>,
);
