import { Link } from "@tanstack/react-router";
import { useAddress } from "../app/address.ts";
import { whenTold } from "../app/api/answer.ts";
import { ProblemError } from "../app/api/getJson.ts";
import { useGet } from "../app/api/useGet.ts";
import { asSentence } from "../app/format/sentences.ts";
import { useWords } from "../app/pageDomains.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { EventList } from "./transaction/EventList.tsx";
import { type Transaction, TransactionFacts } from "./transaction/TransactionFacts.tsx";
import "./transaction/transaction.css";

/** A transaction with all that it did. */
export function TransactionPage() {
  const { hash } = useAddress("hash");
  return <OneTransaction key={hash} hash={hash.toLowerCase()} />;
}

function OneTransaction({ hash }: { hash: string }) {
  const query = useGet<Transaction>(`/v1/transactions/${hash}`, { isFinal: () => true });
  const words = useWords();
  const isUnknown = query.error instanceof ProblemError && query.error.status === 404;
  return (
    <div className="stack">
      <header>
        <h1>Transaction</h1>
        <p className="quiet">
          {whenTold(
            query,
            ({ purpose }) => asSentence(words.call(purpose)),
            "What it was for, and all that it did.",
          )}{" "}
          <Link to="/audit">Look up something else</Link>
        </p>
      </header>
      {isUnknown ? (
        <Unknown hash={hash} />
      ) : (
        <Loaded query={query} what="the transaction">
          {Known}
        </Loaded>
      )}
    </div>
  );
}

function Known(transaction: Transaction) {
  const { events } = transaction;
  return (
    <div className="columns columns-right columns-top">
      <Card title="On the chain">
        <TransactionFacts transaction={transaction} />
      </Card>
      <Card title="What it did" aside={events.length === 1 ? "1 event" : `${events.length} events`}>
        <EventList events={events} />
      </Card>
    </div>
  );
}

function Unknown({ hash }: { hash: string }) {
  return (
    <Empty>
      No transaction {hash} is on record. A transaction that failed changed nothing and leaves no record here;
      only its gas is spent.
    </Empty>
  );
}
