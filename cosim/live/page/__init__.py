"""The live page: what shadows tell, kept in boards and served to browsers; decisions of people who may decide."""
