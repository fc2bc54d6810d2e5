/** Who one is; replaced by the wallet. */
export function IdentityMenu() {
  return null;
}
