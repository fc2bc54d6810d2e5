import { Link } from "@tanstack/react-router";
import { Notice } from "./parts/States.tsx";

export function NotFoundPage() {
  return (
    <div className="stack">
      <h1>No such page</h1>
      <Notice>
        <p>
          The address leads nowhere. The <Link to="/">community</Link> is a good place to start, and the{" "}
          <Link to="/audit">audit</Link> finds orders, readings, participants and transactions.
        </p>
      </Notice>
    </div>
  );
}
