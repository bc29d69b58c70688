//! What is kept, behind one door.
