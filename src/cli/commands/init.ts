import { cp, readdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { makeFolder } from '../../config/make-folder.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import { type CommandBody, exitCode } from '../invocation.ts'
import { packageFolder } from '../package-folder.ts'
import { programName } from '../program-name.ts'
import { writeSampleWhereMissing } from '../write-sample.ts'

/** The schemas are what the first line of each YAML file leads editors to. */
const copied = [
  'personas.config.yaml',
  'models',
  'destinations',
  'destinations',
  'schemas/config.schema.json',
  'schemas/definitions.schema.json',
]

export const init: CommandBody = async ({ arguments: [given], options, output }) => {
  const folder = resolve(options.projectDir ?? '.', given ?? '.')
  const shown = relative(process.cwd(), folder) || '.'
  const there = await namesIn(folder, shown)
  if (there.length > 0)
    throw new ProblemError([problem('PSN5010', { folder: shown === '.' ? 'this folder' : shown })])
  for (const name of copied) {
    await cp(join(packageFolder, name), join(folder, name), { recursive: true })
  }
  // Not copied: npm leaves a file of this name out of packages.
  await writeFile(join(folder, '.gitignore'), 'target/\nseeds/\nnode_modules/\n.env\n')
  await writeFile(join(folder, 'README.md'), readme)
  await writeSampleWhereMissing(join(folder, 'seeds'), output)
  const personas = programName(process.argv[1], folder)
  const into = shown === '.' ? '' : `  cd ${shown}\n`
  output.result(
    `A project is in ${shown}: personas.config.yaml, models/, seeds/. Try next:\n${into}  ${personas} seed\n  ${personas} run\n`,
  )
  return exitCode.done
}

/** The folder is created where it is missing. */
async function namesIn(folder: string, shown: string): Promise<readonly string[]> {
  try {
    makeFolder(folder)
    return (await readdir(folder)).filter((name) => name !== '.git')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProblemError([problem('PSN5021', { folder: shown, reason })], { cause: error })
  }
}

const readme = `# A personas project

- \`personas.config.yaml\` names the warehouse; \`models/\` holds sources, identity rules, traits and audiences.
- \`seeds/\` holds a made-up shop's event tables, so that there is something to resolve before your own warehouse is named.

    personas seed     # load seeds/ into the warehouse
    personas run      # resolve profiles, compute traits and audiences
    personas show profile_traits
    personas test
`
