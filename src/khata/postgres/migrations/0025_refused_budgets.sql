-- What budgets refused of late is looked through every few seconds.

set local search_path = khata;

create index answers_of_budgets on answers (at) where code = 'BUDGET_EXCEEDED';
