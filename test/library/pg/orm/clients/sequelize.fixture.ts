import { sequelizeOn } from 'nestjs-resources/pg';
import { DataTypes, type Model, type ModelStatic, QueryTypes, Sequelize, type Transaction } from 'sequelize';
import type { OrmKind, OrmTransaction } from './orm-client.fixture.js';

const name = 'sequelize';

type Written = ModelStatic<Model>;

export const sequelize: OrmKind = {
  name,
  open(pool) {
    const db = sequelizeOn(pool, new Sequelize({ dialect: 'postgres', logging: false }));
    const model = db.define(
      'Written',
      { client: DataTypes.TEXT, value: DataTypes.INTEGER },
      { tableName: 'written', timestamps: false },
    );
    return {
      ...within(db, model),
      name,
      transaction: (work, { isolation, readOnly } = {}) =>
        db.transaction(
          { isolationLevel: isolation?.toUpperCase() as never }, // an enumeration of the same words
          async (inner) => {
            const transaction = within(db, model, inner);
            if (readOnly !== undefined)
              await transaction.run(`SET TRANSACTION ${readOnly ? 'READ ONLY' : 'READ WRITE'}`);
            return work(transaction);
          },
        ),
      async leak() {
        const transaction = await db.transaction();
        await within(db, model, transaction).run('SELECT 1');
        return transaction;
      },
      close: () => db.close(),
    };
  },
};

function within(db: Sequelize, model: Written, transaction?: Transaction): OrmTransaction {
  return {
    insert: async (value) => void (await model.create({ client: name, value }, { transaction })),
    run: async (text) => (await db.query(text, { transaction, type: QueryTypes.SELECT })) ?? [],
    nested: (work) => db.transaction({ transaction }, (inner) => work(within(db, model, inner))),
  };
}
