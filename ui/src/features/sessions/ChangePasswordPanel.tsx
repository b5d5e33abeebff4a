export function ChangePasswordPanel(_: { opened: boolean; onClose: () => void }) {
  return null;
}
