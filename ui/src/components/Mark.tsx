/** The product's mark: an open book on a lectern. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#4f56bd" />
      <path d="M6.5 10.2q5.4-1.5 9.5 1.3 4.1-2.8 9.5-1.3v9.3q-5.4-1.5-9.5 1.3-4.1-2.8-9.5-1.3z" fill="#fff" />
      <path d="M16 11.5v9.3" stroke="#4f56bd" strokeWidth="1.4" />
      <path d="M12.5 24.8h7" stroke="#fff" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}
