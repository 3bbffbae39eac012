/** Adds a button to each command, where the browser lets a page write to the clipboard. */
export const WELCOME_SCRIPT = `const commands = navigator.clipboard ? document.querySelectorAll('pre') : [];
for (const pre of commands) {
  const button = document.createElement('button');
  const say = (text) => {
    button.textContent = text;
  };
  button.type = 'button';
  button.setAttribute('aria-live', 'polite');
  say('Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(pre.querySelector('code').textContent);
      say('Copied');
    } catch {
      say('Not allowed');
    }
    setTimeout(say, 2000, 'Copy');
  });
  pre.classList.add('copyable');
  pre.append(button);
}
`;
