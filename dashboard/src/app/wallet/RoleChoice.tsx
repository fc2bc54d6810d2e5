import type { SessionState } from "../api/session.ts";
import { Icon, type IconName } from "../parts/Icon.tsx";
import "./wallet.css";

export type Role = NonNullable<SessionState["demonstration"]>["roles"][number];

const ICONS: Record<Role["role"], IconName> = {
  home: "home",
  station: "battery",
  driver: "station",
  chargingOperator: "station",
  operator: "operator",
  supplier: "grid",
  gridOperator: "grid",
  fund: "community",
};

/** Roles of the demonstration, one click each. */
export function RoleChoice({
  roles,
  current,
  isBusy,
  onChoose,
}: {
  roles: readonly Role[];
  /** Address of the user who is signed in. */
  current: string | null;
  isBusy: boolean;
  onChoose: (address: string) => void;
}) {
  return (
    <ul className="roles">
      {roles.map(({ address, name, role }) => (
        <li key={address}>
          <button
            type="button"
            className="button role"
            aria-pressed={address === current}
            disabled={isBusy}
            onClick={() => onChoose(address)}
          >
            <Icon name={ICONS[role]} size={18} />
            <span>{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Homes, stations and drivers first, then operators, supplier, grid operator and fund. */
export function rolesInOrder(roles: readonly Role[]): Role[] {
  const kinds = Object.keys(ICONS);
  return roles.toSorted((one, other) => kinds.indexOf(one.role) - kinds.indexOf(other.role));
}
