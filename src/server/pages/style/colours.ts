/** Colours, light and dark. Each pair of text and ground that is used has a contrast of 4.5 : 1 or more. */

export const colours = `:root {
  color-scheme: light dark;
  --paper: #f4f6f3; --surface: #ffffff; --sunken: #eaeeea; --ink: #16211f; --muted: #52605c; --line: #d5dcd7; --edge: #82908b;
  --accent: #0a5f56; --on-accent: #ffffff; --accent-deep: #07463f; --accent-soft: #dff0ec;
  --good: #14663a; --good-soft: #dcf2e4; --moving: #7a4a00; --moving-soft: #fcecc8; --idle: #435058; --idle-soft: #e4e9eb;
  --bad: #a01722; --bad-soft: #fbe1e2; --plain: #2a4a88; --plain-soft: #e0e8f8;
  --band: #0c2b29; --on-band: #e9f4f1; --band-line: #2f8f80; --focus: #b45309;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1615; --surface: #16201e; --sunken: #1d2927; --ink: #e4ebe8; --muted: #9eb0aa; --line: #2b3936; --edge: #6d7f79;
    --accent: #74d6c5; --on-accent: #05231f; --accent-deep: #a0e8db; --accent-soft: #143530;
    --good: #7fe0a4; --good-soft: #113320; --moving: #f3c565; --moving-soft: #38290b; --idle: #b9c5ca; --idle-soft: #28333a;
    --bad: #ff9da2; --bad-soft: #43181c; --plain: #a9c5ff; --plain-soft: #1a2a4b;
    --band: #091f1d; --on-band: #e9f4f1; --band-line: #2f8f80; --focus: #fbbf24;
  }
}`
