//! The tree of organisations: order of display, what lies below, no rings.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

/// A node: id, parent, and the name by which siblings are ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeNode {
    /// Its id.
    pub id: Uuid,
    /// The one above.
    pub parent_id: Option<Uuid>,
    /// Its name.
    pub name: String,
}

fn children(nodes: &[TreeNode]) -> HashMap<Option<Uuid>, Vec<&TreeNode>> {
    let ids: HashSet<Uuid> = nodes.iter().map(|node| node.id).collect();
    let mut children: HashMap<Option<Uuid>, Vec<&TreeNode>> = HashMap::new();
    for node in nodes {
        // A parent that isn't listed (filtered out) leaves its children at the top.
        let parent = node.parent_id.filter(|parent| ids.contains(parent));
        children.entry(parent).or_default().push(node);
    }
    for siblings in children.values_mut() {
        siblings.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    }
    children
}

/// Ids in the order of display, each with its depth.
pub fn order(nodes: &[TreeNode]) -> Vec<(Uuid, usize)> {
    let children = children(nodes);
    let mut ordered = Vec::with_capacity(nodes.len());
    let mut stack: Vec<(&TreeNode, usize)> = children
        .get(&None)
        .into_iter()
        .flatten()
        .rev()
        .map(|node| (*node, 0))
        .collect();
    while let Some((node, depth)) = stack.pop() {
        ordered.push((node.id, depth));
        let below = children.get(&Some(node.id)).into_iter().flatten().rev();
        stack.extend(below.map(|node| (*node, depth + 1)));
    }
    ordered
}

/// An organisation and all below it.
pub fn subtree(nodes: &[TreeNode], root: Uuid) -> HashSet<Uuid> {
    let children = children(nodes);
    let mut found = HashSet::from([root]);
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        for node in children.get(&Some(id)).into_iter().flatten() {
            if found.insert(node.id) {
                waiting.push(node.id);
            }
        }
    }
    found
}

/// Whether putting `id` under `parent` would make a ring.
pub fn is_below(nodes: &[TreeNode], id: Uuid, parent: Uuid) -> bool {
    subtree(nodes, id).contains(&parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: u128, parent: Option<u128>, name: &str) -> TreeNode {
        TreeNode {
            id: Uuid::from_u128(id),
            parent_id: parent.map(Uuid::from_u128),
            name: name.into(),
        }
    }

    #[test]
    fn a_tree_is_read_from_top_to_bottom() {
        let nodes = [
            node(1, None, "B"),
            node(2, Some(1), "Z"),
            node(3, Some(1), "A"),
            node(4, None, "A"),
            node(5, Some(3), "C"),
            node(6, Some(99), "orphan"),
        ];
        let ordered: Vec<_> = order(&nodes)
            .into_iter()
            .map(|(id, depth)| (id.as_u128(), depth))
            .collect();
        assert_eq!(ordered, [(4, 0), (1, 0), (3, 1), (5, 2), (2, 1), (6, 0)]);
    }

    #[test]
    fn below_holds_the_root_and_everything_under_it() {
        let nodes = [
            node(1, None, "a"),
            node(2, Some(1), "b"),
            node(3, Some(2), "c"),
        ];
        assert_eq!(subtree(&nodes, Uuid::from_u128(2)).len(), 2);
        assert!(
            is_below(&nodes, Uuid::from_u128(1), Uuid::from_u128(3)),
            "a ring"
        );
        assert!(!is_below(&nodes, Uuid::from_u128(3), Uuid::from_u128(1)));
        assert!(
            is_below(&nodes, Uuid::from_u128(1), Uuid::from_u128(1)),
            "not under itself"
        );
    }
}
