import { Link } from "@tanstack/react-router";
import { ForOperator } from "./members/ForOperator.tsx";
import { OperatorDesk } from "./OperatorDesk.tsx";
import "./operator.css";
import { FindBox } from "./members/FindBox.tsx";

/** What needs the operator, and how the market does. */
export function OperatorPage() {
  return (
    <div className="stack">
      <header>
        <h1>Operator</h1>
        <p className="quiet">What needs a person, and how the market does.</p>
      </header>
      <ForOperator what="what needs the operator">
        <FindBox account={null} />
        <p>
          <Link to="/members">All members and their bills</Link>
        </p>
        <OperatorDesk />
      </ForOperator>
    </div>
  );
}
