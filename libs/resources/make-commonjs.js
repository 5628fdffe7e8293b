import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
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
 * `import.meta.url` is the URL of the ES module in either form: what is loaded in another thread is always that.
 *
 * @param {string} dist folder of the build
 * @throws SyntaxError when a module has what CommonJS lacks: anything else of `import.meta`, or an `await` outside of functions
 */
export function makeCommonJs(dist) {
  const cjs = join(dist, 'cjs');
  rmSync(cjs, { recursive: true, force: true });
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|d\.ts)$/.test(name)) continue;
    const to = join(cjs, name);
    mkdirSync(dirname(to), { recursive: true });
    if (name.endsWith('.js'))
      writeFileSync(to, toCommonJs(join(dist, name), relative(dirname(to), join(dist, name))));
    else copyFileSync(join(dist, name), to);
  }
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
}

/** @param {string} module the ES module, as it is found from the folder of the CommonJS form */
function toCommonJs(fileName, module) {
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), {
    fileName,
    compilerOptions,
    transformers: { before: [urlOf(module.split(sep).join('/'))] },
  });
  compileFunction(outputText, [], { filename: fileName });
  return outputText;
}

/** Makes `import.meta.url` the URL of that module. */
function urlOf(module) {
  const { factory } = ts;
  const call = (from, name, ...args) =>
    factory.createCallExpression(
      factory.createPropertyAccessExpression(
        factory.createCallExpression(factory.createIdentifier('require'), undefined, [
          factory.createStringLiteral(from),
        ]),
        name,
      ),
      undefined,
      args,
    );
  const here = factory.createIdentifier('__dirname');
  const path = call('node:path', 'join', here, factory.createStringLiteral(module));
  const url = factory.createPropertyAccessExpression(call('node:url', 'pathToFileURL', path), 'href');
  return (context) => (file) => {
    const visit = (node) =>
      ts.isPropertyAccessExpression(node) && ts.isMetaProperty(node.expression) && node.name.text === 'url'
        ? url
        : ts.visitEachChild(node, visit, context);
    return ts.visitNode(file, visit);
  };
}
