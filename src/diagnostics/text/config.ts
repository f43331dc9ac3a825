import { didYouMean } from './problem-parts.ts'

/** Texts of PSN1xxx: files, YAML, the shape of its values, `personas.config.yaml`, the environment. */
export const configText = {
  PSN1001: (p: { folder: string }) => ({
    message: `there is no personas.config.yaml in ${p.folder}`,
    hint: 'start a project with `personas init`, or name its folder with --project-dir',
  }),
  PSN1002: (p: { file: string; reason: string }) => ({
    message: `\`${p.file}\` cannot be read: ${p.reason}`,
    hint: 'check that it is a readable file',
  }),
  PSN1003: (p: { folder: string }) => ({
    message: `the models folder \`${p.folder}\` does not exist`,
    hint: 'create it, or set `paths.models` in personas.config.yaml',
  }),
  PSN1004: (p: { detail: string; expression: boolean }) => ({
    message: `this is not YAML: ${p.detail}`,
    hint: p.expression
      ? `put the {{ … }} in quotes: "{{ var 'x' }}"`
      : 'check indentation, brackets and quotes around here',
  }),
  PSN1005: (p: { key: string }) => ({
    message: `\`${p.key}\` is given twice`,
    hint: 'keep one of them',
  }),
  PSN1006: (p: { file: string }) => ({
    message: `${p.file} holds several documents`,
    hint: 'remove the `---`; put the rest into a file of its own',
  }),
  PSN1007: (p: { key: string; isNul: boolean }) => ({
    message: `\`${p.key}\` holds ${p.isNul ? 'the character NUL' : 'half a surrogate pair'}, which no warehouse can hold`,
    hint: 'leave it out: no value in the warehouse has it either',
  }),
  PSN1010: (p: { key: string; within: string; near: string | undefined; known: readonly string[] }) => ({
    message: `${p.within} has no key \`${p.key}\``,
    hint: didYouMean(p.near, p.known.length === 0 ? 'remove it' : `it may have ${p.known.join(', ')}`),
  }),
  PSN1011: (p: { key: string; within: string }) => ({
    message: `${p.within} lacks \`${p.key}\``,
    hint: `add \`${p.key}\``,
  }),
  PSN1012: (p: { key: string; expected: string; found: string }) => ({
    message: `\`${p.key}\` must be ${p.expected}, not ${p.found}`,
    hint: p.expected === 'a text' && p.found.startsWith('`') ? 'put it in quotes' : `write ${p.expected}`,
  }),
  PSN1013: (p: { key: string; found: string; allowed: readonly string[]; near: string | undefined }) => ({
    message: `\`${p.key}\` cannot be ${p.found}`,
    hint: didYouMean(p.near, `it must be ${p.allowed.join(', ')}`),
  }),
  PSN1014: (p: { key: string; rule: string }) => ({
    message: `\`${p.key}\` ${p.rule}`,
    hint: 'change the value',
  }),
  PSN1020: (p: { variable: string }) => ({
    message: `the environment variable \`${p.variable}\` is not set`,
    hint: `set it, or give a default: {{ env_var '${p.variable}' 'default' }}`,
  }),
  PSN1021: (p: { variable: string; near: string | undefined }) => ({
    message: `there is no variable \`${p.variable}\``,
    hint: didYouMean(p.near, 'add it under `vars` in personas.config.yaml, or pass --vars'),
  }),
  PSN1022: (p: { detail: string }) => ({
    message: `this expression cannot be read: ${p.detail}`,
    hint: `write {{ env_var 'NAME' }}, {{ env_var 'NAME' 'default' }} or {{ var 'name' }}`,
  }),
  PSN1030: (p: { target: string; near: string | undefined; known: readonly string[]; from: string }) => ({
    message: `there is no target \`${p.target}\`, which ${p.from} asks for`,
    hint: didYouMean(
      p.near,
      p.known.length === 0 ? 'add it under `targets`' : `the targets are ${p.known.join(', ')}`,
    ),
  }),
  PSN1031: (p: { space: string; near: string | undefined; known: readonly string[] }) => ({
    message: `there is no space \`${p.space}\`, which PERSONAS_SPACE asks for`,
    hint: didYouMean(
      p.near,
      p.known.length === 0 ? 'add it under `spaces`' : `the spaces are ${p.known.join(', ')}`,
    ),
  }),
  PSN1032: (p: { target: string; lacks: string }) => ({
    message: `target \`${p.target}\` does not say where to connect: it lacks \`${p.lacks}\``,
    hint: `add \`${p.lacks}\`, or give a \`url\``,
  }),
  PSN1033: (p: { schema: string }) => ({
    message: `the working tables cannot be in \`${p.schema}\`, where the public tables are`,
    hint: 'name another `work_schema`, or leave it out',
  }),
  PSN1034: (p: { target: string; given: string }) => ({
    message:
      p.given === ''
        ? `target \`${p.target}\` does not say how to log in`
        : `target \`${p.target}\` names several ways to log in: ${p.given}`,
    hint: 'give one of `private_key_path`, `private_key`, `token` and `password`',
  }),
  PSN1040: (p: { template: string; near: string | undefined }) => ({
    message: `there is no built-in template \`${p.template}\` to override`,
    hint: didYouMean(p.near, 'name the file after a built-in template, or remove it'),
  }),
}
