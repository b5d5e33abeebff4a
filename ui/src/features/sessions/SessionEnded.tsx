export function SessionEnded() {
  return null;
}
