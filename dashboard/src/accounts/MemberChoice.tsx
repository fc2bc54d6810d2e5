import { useFormats } from "../app/format/locale.tsx";
import { capitalised } from "../app/format/sentences.ts";
import { type Member, memberText } from "./members.ts";

/** Chooses one of an account's members; nothing is shown where there is nothing to choose. */
export function MemberChoice({
  label,
  members,
  chosen,
  onChoose,
}: {
  label: string;
  members: readonly Member[];
  chosen: Member;
  onChoose: (member: Member) => void;
}) {
  const { capacity } = useFormats();
  if (members.length < 2) return null;
  const kindOf = ({ meterId, capacityW }: Member) => {
    if (meterId === null) return "no meter";
    return capacityW === 0 ? "retired" : capacity(capacityW);
  };
  return (
    <label className="field">
      <span>{label}</span>
      <select
        value={memberText(chosen)}
        onChange={({ target }) => {
          const member = members.find((each) => memberText(each) === target.value);
          if (member) onChoose(member);
        }}
      >
        {members.map((member) => (
          <option key={memberText(member)} value={memberText(member)}>
            {capitalised(memberText(member))} ({kindOf(member)})
          </option>
        ))}
      </select>
    </label>
  );
}
