import { createTheme, type MantineColorsTuple } from "@mantine/core";

// One accent, ink. Everything else is a neutral with a trace of the same hue, so nothing shouts on a page read all day.
const ink: MantineColorsTuple = ["#eef0fb", "#dde1f6", "#bbc2ec", "#97a1e1", "#7782d7", "#6069ce", "#4f56bd", "#4348a3", "#383c86", "#2c2f69"];
const gray: MantineColorsTuple = ["#f8f8fa", "#f1f2f5", "#e7e8ed", "#d9dbe2", "#c3c6d0", "#9da1af", "#6c7080", "#4f5362", "#343744", "#1d1f29"];
const dark: MantineColorsTuple = ["#e4e5ec", "#b4b7c5", "#9498a8", "#6a6e80", "#333644", "#2d303d", "#23252f", "#1a1c24", "#15161d", "#101116"];
const green: MantineColorsTuple = ["#e9f6ef", "#d3ecdf", "#a6d9be", "#77c69c", "#4fb47f", "#35a56c", "#1f8a55", "#187145", "#125736", "#0b3d25"];
const amber: MantineColorsTuple = ["#fdf6e8", "#fbefd6", "#f3d08c", "#ecb850", "#e3a026", "#c98712", "#a36b06", "#855605", "#674305", "#4a3003"];
const red: MantineColorsTuple = ["#fdf1f1", "#fae4e4", "#efb4b4", "#e68b8b", "#de6767", "#cb4343", "#c03636", "#a02b2b", "#7f2222", "#5d1818"];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 5 },
  colors: { ink, gray, dark, green, amber, red },
  autoContrast: true,
  black: "#1d1f29",
  fontFamily: '"Inter Variable", Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Cantarell, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "JetBrains Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.35", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.35" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  defaultRadius: "sm",
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.25rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.35" },
      h3: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { variant: "light", size: "sm" }, styles: { root: { textTransform: "none", fontWeight: 500 } } },
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm", autosize: true, minRows: 3, maxRows: 12 } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right", allowDeselect: false } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false, events: { hover: true, focus: true, touch: false } } },
    // The empty element Mantine focuses first is nothing a menu may contain.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { position: "right", overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 140 } } },
  },
});
