import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';

/** An `import()` becomes a `require()`, because Jest refuses it in CommonJS. */
const compilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
};

/**
 * Makes the CommonJS form of a build, in its folder `cjs`: for whatever can't `require()` an ES module, such as Jest, and for
 * compilers that look for packages as Node 10 did. It is made from the built ES modules rather than compiled a second time: both
 * are the same code, with the same types.
 *
 * @param {string} dist folder of the build
 * @throws SyntaxError when a module has what CommonJS lacks: `import.meta`, or an `await` outside of functions
 */
export function makeCommonJs(dist) {
  const cjs = join(dist, 'cjs');
  rmSync(cjs, { recursive: true, force: true });
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|d\.ts)$/.test(name)) continue;
    const to = join(cjs, name);
    mkdirSync(dirname(to), { recursive: true });
    if (name.endsWith('.js')) writeFileSync(to, toCommonJs(join(dist, name)));
    else copyFileSync(join(dist, name), to);
  }
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
}

function toCommonJs(fileName) {
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions });
  compileFunction(outputText, [], { filename: fileName });
  return outputText;
}
