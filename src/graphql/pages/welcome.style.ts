/** Both themes by variables; one column, so that it holds on a phone. */
export const WELCOME_STYLE = `:root {
  color-scheme: light dark;
  --ground: #f7f8fa; --card: #ffffff; --line: #d9dde5; --text: #1b1f2a; --soft: #566074; --accent: #2f4bc4; --code: #eef1f7;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #12141a; --card: #1a1d26; --line: #323846; --text: #e8eaf0; --soft: #a3acbf; --accent: #97abff; --code: #10131a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; gap: 1rem; align-items: center; padding-top: 2.5rem; padding-bottom: 1.5rem; }
header img { flex: none; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
header p { margin: .25rem 0 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem; margin-bottom: 1.25rem; }
h2 { margin: 0 0 .5rem; font-size: 1.2rem; }
h3 { margin: 0 0 .35rem; font-size: 1rem; font-weight: 600; }
p { margin: .5rem 0; }
ol { margin: .75rem 0; padding-left: 1.4rem; }
li { margin-bottom: 1rem; }
li::marker { color: var(--soft); }
code { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
:not(pre) > code { background: var(--code); border-radius: 4px; padding: .1rem .3rem; }
pre { position: relative; margin: 0; padding: .75rem 1rem; background: var(--code); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; }
pre.copyable { padding-right: 5.5rem; }
pre button { position: absolute; top: .5rem; right: .5rem; min-width: 4.25rem; padding: .3rem .6rem; font: inherit; font-size: .8125rem; cursor: pointer;
  color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
pre button:hover { border-color: var(--accent); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
dl { margin: .5rem 0 0; }
dl > div { display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; padding: .6rem 0; border-top: 1px solid var(--line); }
dl > div:first-child { border-top: 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
dd span { display: block; color: var(--soft); font-size: .9375rem; }
@media (max-width: 36rem) {
  header { padding-top: 1.25rem; align-items: flex-start; }
  section { padding: 1rem; }
  dl > div { grid-template-columns: 1fr; }
  pre.copyable { padding-right: 1rem; padding-top: 2.75rem; }
}
`;
