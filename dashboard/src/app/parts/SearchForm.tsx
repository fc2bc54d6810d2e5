import { type ReactNode, useState } from "react";

const MAX_QUERY_CHARACTERS = 80;

/** A field that is searched with, and its button. `onSearch` says what stands in the field afterwards. */
export function SearchForm({
  className,
  label,
  button,
  initial = "",
  onSearch,
}: {
  className: string;
  label: ReactNode;
  button: string;
  initial?: string;
  onSearch: (text: string) => string;
}) {
  const [text, setText] = useState(initial);
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        setText(onSearch(text));
      }}
    >
      <label className="field">
        <span>{label}</span>
        <input
          type="search"
          value={text}
          maxLength={MAX_QUERY_CHARACTERS}
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <button type="submit" className="button primary">
        {button}
      </button>
    </form>
  );
}
