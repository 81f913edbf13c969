import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** More than a minute each on two cores: one of them begun last keeps one core waiting for the other. */
const LONGEST = [
  'e2e/screens.test.ts',
  'engine/pocket-recall.test.ts',
  'e2e/chat.test.ts',
  'e2e/models.test.ts',
  'renderer/random-scripts.test.ts',
]

/** The order of test files: the longest first, the others as vitest has it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => moduleId.endsWith(name))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
