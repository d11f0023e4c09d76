//! Calls go to the functions that answer them, with arguments of the types that these take.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    ObjectName, Spanned, Value,
};

use crate::functions::call::{Answer, Call, Kind};
use crate::functions::conversion::{
    ARGUMENT, CAST, NUMBER, TEMPORAL, TEXT_OR_BINARY, TEXT_OR_NESTED,
};
use crate::functions::known::is_refused;
use crate::functions::{calls, tells_its_place};
use crate::place::{DefinitionError, Place};
use crate::sql::build::{binary, call, nested, quoted, text};

/// Casts that are written as calls, `int('1')`, with their types.
const CASTS: &[(&str, &str)] = &[
    ("boolean", "BOOLEAN"),
    ("tinyint", "TINYINT"),
    ("smallint", "SMALLINT"),
    ("int", "INT"),
    ("bigint", "BIGINT"),
    ("float", "FLOAT"),
    ("double", "DOUBLE"),
    ("decimal", "DECIMAL(10,0)"),
    ("date", "DATE"),
    ("timestamp", "TIMESTAMP"),
    ("binary", "BINARY"),
    ("string", "STRING"),
];

/// Functions over windows whose value is an INT.
const NUMBERS_OF_ROWS: [&str; 4] = ["row_number", "rank", "dense_rank", "ntile"];

/// Rewrites a call, whose arguments are rewritten already.
///
/// # Errors
/// A function that is refused, at its place.
pub(super) fn answer(file: &str, expr: &mut Expr) -> Result<(), DefinitionError> {
    let Expr::Function(function) = expr else { return Ok(()) };
    let Some(name) = single_name(&function.name) else { return Ok(()) };
    if name == "count" {
        count_combinations(function);
    }
    if function.over.is_some() && NUMBERS_OF_ROWS.contains(&name.as_str()) {
        *expr = call(CAST, [std::mem::replace(expr, Expr::value(Value::Null)), text("INT")]);
        return Ok(());
    }
    if let Some((_, sql_type)) = CASTS.iter().find(|(cast, _)| *cast == name)
        && let Some(value) = only_argument(function)
    {
        *expr = call(CAST, [value, text(*sql_type)]);
        return Ok(());
    }
    let Some(known) = calls().get(name.as_str()) else {
        return if is_refused(&name) {
            Err(refused(file, &name, function, "this function of Spark is not there yet"))
        } else {
            Ok(())
        };
    };
    match known.answer {
        Answer::Refused(why) => Err(refused(file, &name, function, why)),
        Answer::Written(rewrite) => {
            take_arguments(known, function);
            match rewrite(function.clone()) {
                Ok(written) => *expr = written,
                Err(why) if !why.starts_with("it takes") => {
                    return Err(refused(file, &name, function, why));
                }
                Err(why) => return Err(at_name(file, function, format!("`{name}`: {why}"))),
            }
            Ok(())
        }
        Answer::Function(answers) => {
            if name != answers {
                let span = function.name.span();
                let mut ident = quoted(answers);
                ident.quote_style = None;
                ident.span = span;
                function.name = ObjectName::from(vec![ident]);
            }
            take_arguments(known, function);
            if tells_its_place(answers) {
                add_place(file, function);
            }
            Ok(())
        }
    }
}

/// Before the arguments of a call that stops a run stand its place and, if that is written out, its message: its error tells both.
fn add_place(file: &str, function: &mut Function) {
    let start = function.name.span().start;
    let FunctionArguments::List(list) = &mut function.args else { return };
    let written = match list.args.last() {
        Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))) => match &value.value
        {
            Value::SingleQuotedString(message) => message.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let place = if start.line > 0 {
        Place { file: file.to_owned(), at: Some((start.line, start.column)) }.to_string()
    } else {
        String::new()
    };
    let told = [place, written].map(|told| FunctionArg::Unnamed(FunctionArgExpr::Expr(text(told))));
    list.args.splice(0..0, told);
}

fn refused(file: &str, name: &str, function: &Function, why: &str) -> DefinitionError {
    at_name(file, function, format!("`{name}` is not supported")).help(why)
}

fn at_name(file: &str, function: &Function, message: String) -> DefinitionError {
    let start = function.name.span().start;
    let error = DefinitionError::in_file(file, message);
    if start.line > 0 { error.at(start.line, start.column) } else { error }
}

/// The name in lower case, if it is not that of another schema's function.
fn single_name(name: &ObjectName) -> Option<String> {
    let [part] = name.0.as_slice() else { return None };
    part.as_ident().map(|ident| ident.value.to_lowercase())
}

/// What a cast that is written as a call casts: the `a` of `int(a)`.
pub(super) fn cast_of(function: &Function) -> Option<Expr> {
    let name = single_name(&function.name)?;
    CASTS.iter().find(|(cast, _)| *cast == name)?;
    only_argument(function)
}

fn only_argument(function: &Function) -> Option<Expr> {
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] => Some(value.clone()),
        _ => None,
    }
}

/// `count(DISTINCT a, b)` counts the combinations without a NULL in them.
fn count_combinations(function: &mut Function) {
    let FunctionArguments::List(list) = &mut function.args else { return };
    if list.args.len() < 2 {
        return;
    }
    let mut values = Vec::with_capacity(list.args.len());
    for argument in &list.args {
        let FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) = argument else { return };
        values.push(value.clone());
    }
    let are_there = values
        .iter()
        .map(|value| Expr::IsNotNull(Box::new(nested(value.clone()))))
        .reduce(|one, other| binary(one, BinaryOperator::And, other));
    let Some(are_there) = are_there else { return };
    let combination = call("struct", values);
    let combination = Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition: are_there, result: combination }],
        else_result: None,
    };
    list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(combination))];
}

fn take_arguments(known: &Call, function: &mut Function) {
    let FunctionArguments::List(list) = &mut function.args else { return };
    for (index, argument) in list.args.iter_mut().enumerate() {
        let FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) = argument else { continue };
        let given = std::mem::replace(value, Expr::value(Value::Null));
        *value = taken(given, known.kind(index));
    }
}

/// An argument as a parameter takes it.
pub(crate) fn taken(value: Expr, kind: Kind) -> Expr {
    match sql_type(kind) {
        Some(sql_type) if !is_of(&value, kind) => call(ARGUMENT, [value, text(sql_type)]),
        _ => value,
    }
}

/// The arguments of a call, as they are written, each with the type that its parameter takes if that is one.
pub(in crate::sql) fn parameters(function: &Function) -> Vec<(&Expr, &'static str)> {
    let known = single_name(&function.name).and_then(|name| calls().get(name.as_str()));
    let (Some(known), FunctionArguments::List(list)) = (known, &function.args) else {
        return Vec::new();
    };
    let argument = |(index, argument): (usize, &'_ FunctionArg)| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(_)) => sql_type(known.kind(index)),
        _ => None,
    };
    let types = list.args.iter().enumerate().map(argument);
    let values = list.args.iter().zip(types).filter_map(|(argument, takes)| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some((value, takes?)),
        _ => None,
    });
    values.collect()
}

/// The name of the engine's function that answers a call; `None` if an expression does.
pub(in crate::sql) fn answering(function: &Function) -> Option<&'static str> {
    match calls().get(single_name(&function.name)?.as_str())?.answer {
        Answer::Function(name) => Some(name),
        Answer::Written(_) | Answer::Refused(_) => None,
    }
}

fn sql_type(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Any => return None,
        Kind::Text => "STRING",
        Kind::Int => "INT",
        Kind::Long => "BIGINT",
        Kind::Double => "DOUBLE",
        Kind::Number => NUMBER,
        Kind::Bool => "BOOLEAN",
        Kind::Date => "DATE",
        Kind::Timestamp => "TIMESTAMP",
        Kind::Binary => "BINARY",
        Kind::Temporal => TEMPORAL,
        Kind::TextOrBinary => TEXT_OR_BINARY,
        Kind::TextOrNested => TEXT_OR_NESTED,
    })
}

/// Literals that need no cast.
fn is_of(expr: &Expr, kind: Kind) -> bool {
    let Expr::Value(value) = expr else { return false };
    match value.value {
        Value::SingleQuotedString(_) => {
            matches!(kind, Kind::Text | Kind::Temporal | Kind::TextOrBinary | Kind::TextOrNested)
        }
        Value::Boolean(_) => kind == Kind::Bool,
        Value::Number(..) => kind == Kind::Number,
        _ => false,
    }
}
