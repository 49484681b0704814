/** Loaded before each test: with FC_SEED all properties begin with that seed, so that a run can be repeated. Without it they are random, and print theirs. */

const { FC_SEED } = process.env

if (FC_SEED !== undefined && FC_SEED !== '') {
  const { default: fc } = await import('fast-check')
  fc.configureGlobal({ seed: Number(FC_SEED) })
}
