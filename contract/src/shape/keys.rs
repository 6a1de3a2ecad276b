//! Where in the language a key belongs.

use super::compile::{Rest, ShapeId, Shapes};

/// The mappings that have a key called `name`, as paths: `tokens.refresh`, `examples[].expect`.
pub(super) fn homes(shapes: &Shapes, name: &str) -> Vec<String> {
    let mut homes = Vec::new();
    visit(shapes, shapes.root(), &mut Vec::new(), &mut String::new(), &mut |path, key| {
        if key == name && !homes.iter().any(|home| home == path) {
            homes.push(path.to_owned());
        }
    });
    homes
}

/// Calls `see` with each mapping's path and each of its keys. `above` holds the shapes on the way, to stop at a circle.
fn visit(
    shapes: &Shapes,
    id: ShapeId,
    above: &mut Vec<ShapeId>,
    path: &mut String,
    see: &mut impl FnMut(&str, &str),
) {
    let Some(shape) = shapes.get(id).filter(|_| !above.contains(&id)) else {
        return;
    };
    above.push(id);
    for key in &shape.keys {
        see(path, &key.name);
        let separator = if path.is_empty() { "" } else { "." };
        below(path, &format!("{separator}{}", key.name), |path| {
            visit(shapes, key.shape, above, path, see)
        });
    }
    if let Rest::Of(rest) = shape.rest {
        below(path, ".NAME", |path| visit(shapes, rest, above, path, see));
    }
    if let Some(items) = shape.items {
        below(path, "[]", |path| visit(shapes, items, above, path, see));
    }
    for branch in &shape.branches {
        visit(shapes, *branch, above, path, see);
    }
    above.pop();
}

/// Runs `visit` with `step` at the end of the path.
fn below(path: &mut String, step: &str, visit: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push_str(step);
    visit(path);
    path.truncate(length);
}
